package io.github.daskjvm.pickle;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes many values, each as [PickleWriter#write] does but complete in itself, as Python's pickler writes where
/// nobody takes its buffers. What several have, such as a function, is kept once, also what
/// this one and earlier ones have, if they are closed. Values must not be changed before that. For one thread.
public final class PickleSeries implements AutoCloseable {
    private static final int TEMPLATES_MAX = 4;

    private final PickleWriter writer;
    /// The one of latest use first.
    private final List<Template> templates = new ArrayList<>(TEMPLATES_MAX);

    /// Values that were written by a template, and that were not.
    int same;

    private int others;
    /// Of a template that the next one takes the place of.
    private int usesOfOld;
    private final PicklePacker packer = PicklePacker.take();
    private final Differences differences = new Differences();

    /// @param buffers what the values' buffers hold, by their indexes
    public PickleSeries(List<PickleBuffer> buffers) {
        writer = new PickleWriter(null, buffers);
    }

    /// @throws PickleFormatException as [PickleWriter#write] does, or if a buffer is missing
    public PackedPickle write(@Nullable Object value) throws PickleFormatException {
        for (int i = 0; i < templates.size(); i++) {
            Template template = templates.get(i);
            PackedPickle packed = template.pack(value, writer);
            if (packed == null) {
                continue;
            }
            same++;
            if (PicklePacker.isOld(++template.uses)) {
                templates.remove(i);
                usesOfOld = template.uses;
            } else if (i > 0) {
                templates.remove(i);
                templates.addFirst(template);
            }
            return packed;
        }
        if (!isLearning()) {
            writer.begin();
            writer.whole(value);
            return packer.pack(writer.bytes(), writer.length());
        }
        var template = new Template(usesOfOld);
        usesOfOld = 0;
        PackedPickle packed = record(value, template);
        if (template.complete(packed.bytes())) {
            if (templates.size() == TEMPLATES_MAX) {
                templates.removeLast();
            }
            templates.addFirst(template);
        }
        return packed;
    }

    /// The value of a span, as above.
    public PackedPickle write(Span span) throws PickleFormatException {
        Shape shape = span.shape;
        SpanTemplate template = shape.template;
        if (template != null) {
            PackedPickle packed = template.pack(span, differences, writer);
            if (packed == null) {
                return write(span.item().value());
            }
            same++;
            if (PicklePacker.isOld(++template.uses)) {
                shape.template = null;
                shape.uses = template.uses;
            }
            return packed;
        }
        if (shape.uses < 0) {
            return write(span.item().value());
        }
        var written = new Template(shape.uses);
        Span.Item item = span.marked();
        PackedPickle packed = record(item.value(), written);
        byte[] whole = packed.bytes();
        SpanTemplate next = written.ofSpan(span, item.memo(), whole);
        shape.uses = -1;
        shape.template = written.complete(whole) ? next : null;
        return packed;
    }

    private PackedPickle record(@Nullable Object value, Template template) throws PickleFormatException {
        writer.begin();
        writer.recording = template;
        try {
            writer.whole(value);
        } finally {
            writer.recording = null;
        }
        return packer.pack(writer.bytes(), writer.length());
    }

    /// The first value has no others that are like it, as a rule; of many that are not alike, few are tried.
    private boolean isLearning() {
        return others++ > 0 && (others < 16 + same / 4 || others % 16 == 0);
    }

    @Override
    public void close() {
        packer.giveBack();
    }
}
