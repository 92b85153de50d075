package io.github.daskjvm.monitoring.aggregate;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads a page of Prometheus' text format 0.0.4. A page with one wrong line is refused whole, as Prometheus refuses
/// it, so that what is passed on can be read. Time stamps are dropped.
final class PageParser {
    private static final Set<String> TYPES = Set.of("counter", "gauge", "histogram", "summary", Family.UNTYPED);
    private static final Set<String> NO_NUMBERS = Set.of("NaN", "+Inf", "-Inf", "Inf");

    private final Map<String, Family> families = new LinkedHashMap<>();
    private final int samplesMax;
    private final String reserved;
    private String line = "";
    private int at;
    private int samples;
    private @Nullable Family current;

    private PageParser(int samplesMax, String reserved) {
        this.samplesMax = samplesMax;
        this.reserved = reserved;
    }

    /// @param samplesMax beyond which a page is refused
    /// @param reserved a label that will be added: one of that name becomes `exported_…`, as in Prometheus
    /// @return in the order of the page, each name once
    static List<Family> parse(byte[] page, int samplesMax, String reserved) throws BadPageException {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(page))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new BadPageException("the page is not UTF-8");
        }
        var parser = new PageParser(samplesMax, reserved);
        int from = 0;
        while (from < text.length()) {
            int end = text.indexOf('\n', from);
            end = end < 0 ? text.length() : end;
            parser.line(text.substring(from, end));
            from = end + 1;
        }
        return new ArrayList<>(parser.families.values());
    }

    private void line(String text) throws BadPageException {
        line = text;
        at = 0;
        skipSpace();
        if (at == line.length()) {
            return;
        }
        if (line.charAt(at) == '#') {
            at++;
            comment();
        } else {
            sample();
        }
    }

    /// `# HELP name text`, `# TYPE name type`, or anything.
    private void comment() throws BadPageException {
        skipSpace();
        String word = word();
        if (!word.equals("HELP") && !word.equals("TYPE")) {
            return;
        }
        skipSpace();
        String name = name();
        skipSpace();
        Family family = families.computeIfAbsent(name, Family::new);
        current = family;
        String rest = line.substring(at);
        if (word.equals("HELP")) {
            family.help(rest);
        } else {
            String type = rest.strip();
            if (!TYPES.contains(type)) {
                throw bad("'" + shortened(type) + "' is no type");
            }
            family.type(type);
        }
    }

    private void sample() throws BadPageException {
        String name = name();
        skipSpace();
        String labels = at < line.length() && line.charAt(at) == '{' ? labels() : "";
        skipSpace();
        String value = word();
        requireNumber(value);
        skipSpace();
        String timestamp = word();
        skipSpace();
        if (at < line.length() || !timestamp.chars().allMatch(c -> c == '-' || isDigit((char) c))) {
            throw bad("there is more than a name, a value and a time");
        }
        if (++samples > samplesMax) {
            throw new BadPageException("the page has more than " + samplesMax + " samples");
        }
        family(name).samples().add(new Sample(name, labels, value));
    }

    private Family family(String sample) {
        if (current != null && current.has(sample)) {
            return current;
        }
        for (String ending : new String[] {"", "_bucket", "_sum", "_count"}) {
            if (sample.endsWith(ending)) {
                Family family = families.get(sample.substring(0, sample.length() - ending.length()));
                if (family != null && family.has(sample)) {
                    return family;
                }
            }
        }
        return families.computeIfAbsent(sample, Family::new);
    }

    /// What is between the braces, in the form in which it is printed.
    private String labels() throws BadPageException {
        var labels = new StringBuilder();
        at++;
        skipSpace();
        while (peek() != '}') {
            String name = name();
            if (name.indexOf(':') >= 0) {
                throw bad("'" + shortened(name) + "' is no name of a label");
            }
            skipSpace();
            expect('=');
            skipSpace();
            String value = quoted();
            if (!labels.isEmpty()) {
                labels.append(',');
            }
            labels.append(name.equals(reserved) ? "exported_" + name : name)
                    .append("=\"")
                    .append(value)
                    .append('"');
            skipSpace();
            if (peek() == ',') {
                at++;
                skipSpace();
            } else if (peek() != '}') {
                throw bad("labels are not parted by commas");
            }
        }
        at++;
        return labels.toString();
    }

    /// A value in quotes, still escaped.
    private String quoted() throws BadPageException {
        expect('"');
        int from = at;
        while (peek() != '"') {
            if (peek() == '\\') {
                at++;
                if ("\\\"n".indexOf(peek()) < 0) {
                    throw bad("a label has an escape that there is not");
                }
            }
            at++;
        }
        at++;
        return line.substring(from, at - 1);
    }

    private String name() throws BadPageException {
        int from = at;
        while (at < line.length() && isNamePart(line.charAt(at))) {
            at++;
        }
        if (at == from || isDigit(line.charAt(from))) {
            throw bad("there is no name where one should be");
        }
        return line.substring(from, at);
    }

    private static boolean isNamePart(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == ':' || isDigit(c);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private void requireNumber(String value) throws BadPageException {
        if (NO_NUMBERS.contains(value)) {
            return;
        }
        try {
            char last = value.isEmpty() ? ' ' : value.charAt(value.length() - 1);
            if (isDigit(last) || last == '.') {
                Double.parseDouble(value);
                return;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw bad("'" + shortened(value) + "' is no number");
    }

    private void expect(char c) throws BadPageException {
        if (peek() != c) {
            throw bad("there is no " + c + " where one should be");
        }
        at++;
    }

    private char peek() throws BadPageException {
        if (at >= line.length()) {
            throw bad("the line ends too early");
        }
        return line.charAt(at);
    }

    private void skipSpace() {
        while (at < line.length() && isSpace(line.charAt(at))) {
            at++;
        }
    }

    private String word() {
        int from = at;
        while (at < line.length() && !isSpace(line.charAt(at))) {
            at++;
        }
        return line.substring(from, at);
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\r';
    }

    private BadPageException bad(String what) {
        return new BadPageException("it is no page of metrics: " + what + " in '" + shortened(line) + "'");
    }

    private static String shortened(String text) {
        String start = text.length() > 60 ? text.substring(0, 60) + "…" : text;
        return start.replaceAll("\\p{Cntrl}", "?");
    }
}
