package io.github.daskjvm.monitoring.status;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The live page as one file that stands for itself, with what it shows now: to be kept, sent to others and opened
/// without a scheduler. The modules become `data:` addresses that an import map names, the data a block of JSON.
final class Report {
    /// The one place where inline scripts are allowed: the file is saved, not shown, and has no origin then.
    static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'unsafe-inline' data:;"
            + " style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; sandbox allow-scripts";

    private static final Pattern IMPORT = Pattern.compile("(from\\s+|import\\s+)\"(\\.{1,2}/[^\"]+)\"");

    private Report() {}

    static String html(StatusSource source, History history) {
        double now = Feed.now();
        List<FrameMaker.Message> messages = new ArrayList<>();
        var maker = new FrameMaker(source, history, now);
        try {
            messages.addAll(maker.frame(now));
            messages.addAll(0, maker.first(now));
        } finally {
            maker.end();
        }
        messages.add(new FrameMaker.Message("record", PastPart.json(source, Double.NaN, Double.NaN)));
        var data = new StringBuilder("[");
        for (FrameMaker.Message message : messages) {
            data.append(data.length() == 1 ? "" : ",")
                    .append("{\"name\":\"")
                    .append(message.name())
                    .append("\",\"data\":")
                    .append(message.json())
                    .append('}');
        }
        // So that nothing in a key or a traceback ends the block.
        String safe = data.append(']').toString().replace("<", "\\u003c");
        String scripts = "<script type=\"application/json\" id=\"report\">" + safe + "</script>\n<script>"
                + Assets.text("theme.js") + "</script>\n<script type=\"module\">import \"status/app.js\";</script>\n";
        String page = replace(Assets.text("index.html"), "head", styles() + importMap());
        return replace(page, "live", scripts);
    }

    /// What stands between the two comments of a name is for the live page only.
    private static String replace(String page, String name, String instead) {
        String begin = "<!-- " + name + " -->";
        String end = "<!-- /" + name + " -->";
        return page.substring(0, page.indexOf(begin)) + instead + page.substring(page.indexOf(end) + end.length());
    }

    private static String styles() {
        var styles = new StringBuilder("<style>\n");
        Assets.STYLES.forEach(name -> styles.append(Assets.text(name)).append('\n'));
        return styles.append("</style>\n").toString();
    }

    private static String importMap() {
        var map = new StringBuilder("<script type=\"importmap\">{\"imports\":{");
        for (int i = 0; i < Assets.MODULES.size(); i++) {
            String name = Assets.MODULES.get(i);
            String module = bare(name, Assets.text(name));
            map.append(i == 0 ? "" : ",")
                    .append("\n\"status/")
                    .append(name)
                    .append("\":\"data:text/javascript;base64,")
                    .append(Base64.getEncoder().encodeToString(module.getBytes(StandardCharsets.UTF_8)))
                    .append('"');
        }
        return map.append("}}</script>\n").toString();
    }

    /// Imports by path made imports by name: a `data:` address has no folder that a path could start from.
    private static String bare(String name, String module) {
        String folder = name.contains("/") ? name.substring(0, name.lastIndexOf('/') + 1) : "";
        return IMPORT.matcher(module).replaceAll(found -> {
            String path = java.net
                    .URI
                    .create("status/" + folder)
                    .resolve(found.group(2))
                    .toString();
            return Matcher.quoteReplacement(found.group(1) + "\"" + path + "\"");
        });
    }
}
