package io.github.daskjvm.monitoring;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The formats of `/metrics`, and which one a request gets. Source: RFC 9110, content negotiation.
enum MetricFormat {
    /// The content type is Dask's, without a character set. What gets a request that accepts none, or does not say.
    TEXT("text/plain; version=0.0.4", "text/plain", Map.of("version", "0.0.4")),
    /// With exemplars.
    OPENMETRICS(
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            "application/openmetrics-text",
            Map.of("version", "1.0.0")),
    /// With native histograms, and exemplars.
    PROTOBUF(
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
            "application/vnd.google.protobuf",
            Map.of("proto", "io.prometheus.client.MetricFamily", "encoding", "delimited"));

    final String contentType;
    private final String mediaType;
    /// A request may leave them out, but not ask for others.
    private final Map<String, String> parameters;

    MetricFormat(String contentType, String mediaType, Map<String, String> parameters) {
        this.contentType = contentType;
        this.mediaType = mediaType;
        this.parameters = parameters;
    }

    /// The format with the highest weight; of equals the one that is named first.
    ///
    /// @param accept values of the `Accept` headers, joined by commas; null if there are none
    static MetricFormat accepted(@Nullable String accept) {
        MetricFormat best = TEXT;
        double bestWeight = 0;
        for (String range : split(accept)) {
            double weight = weight(range);
            if (weight > bestWeight) {
                for (MetricFormat format : values()) {
                    if (format.matches(range)) {
                        best = format;
                        bestWeight = weight;
                    }
                }
            }
        }
        return best;
    }

    /// Whether the answer may be compressed with gzip.
    ///
    /// @param acceptEncoding values of the `Accept-Encoding` headers, joined by commas; null if there are none
    static boolean acceptsGzip(@Nullable String acceptEncoding) {
        double any = 0;
        for (String coding : split(acceptEncoding)) {
            String name = coding.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
            if (name.equals("gzip") || name.equals("x-gzip")) {
                return weight(coding) > 0;
            }
            if (name.equals("*")) {
                any = weight(coding);
            }
        }
        return any > 0;
    }

    private static String[] split(@Nullable String header) {
        return header == null ? new String[0] : header.split(",");
    }

    private boolean matches(String range) {
        String[] parts = range.split(";", -1);
        if (!parts[0].strip().equalsIgnoreCase(mediaType)) {
            return false;
        }
        for (int i = 1; i < parts.length; i++) {
            String[] pair = parts[i].split("=", 2);
            String wanted = parameters.get(pair[0].strip().toLowerCase(Locale.ROOT));
            if (wanted != null && (pair.length < 2 || !wanted.equals(pair[1].strip()))) {
                return false;
            }
        }
        return true;
    }

    /// The parameter `q`, from 0 to 1; 1 where there is none, 0 where it can not be read.
    private static double weight(String range) {
        String[] parts = range.split(";", -1);
        for (int i = 1; i < parts.length; i++) {
            String[] pair = parts[i].split("=", 2);
            if (pair.length == 2 && pair[0].strip().equalsIgnoreCase("q")) {
                try {
                    double weight = Double.parseDouble(pair[1].strip());
                    return weight >= 0 && weight <= 1 ? weight : 0;
                } catch (NumberFormatException e) {
                    return 0;
                }
            }
        }
        return 1;
    }
}
