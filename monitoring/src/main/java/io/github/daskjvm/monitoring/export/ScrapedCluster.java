package io.github.daskjvm.monitoring.export;

/// A cluster that Prometheus is to scrape.
///
/// @param name value of the label `cluster`
/// @param https whether the scheduler's pages are encrypted
/// @param pages `host:port` of the scheduler's pages
public record ScrapedCluster(String name, boolean https, String pages) {
    /// What needs no quoting in YAML, in a regular expression's replacement, and in a query.
    private static final String NAME = "[\\p{L}\\p{N}][\\p{L}\\p{N} ._:/-]*";

    private static final String AUTHORITY = "(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]+):[0-9]{1,5}";

    /// @throws IllegalArgumentException that says which part can not be
    public ScrapedCluster {
        if (!name.matches(NAME)) {
            throw new IllegalArgumentException(
                    "'" + name + "' can not be the name of a cluster; letters, digits, spaces"
                            + " and ._:/- can be used, and a letter or digit comes first");
        }
        if (!pages.matches(AUTHORITY)) {
            throw new IllegalArgumentException("'" + pages + "' is not of the form host:port");
        }
    }

    String scheme() {
        return https ? "https" : "http";
    }
}
