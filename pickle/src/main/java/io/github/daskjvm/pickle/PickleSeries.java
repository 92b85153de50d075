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
        writer.begin();
        if (!isLearning()) {
            writer.whole(value);
            return packer.pack(writer.bytes(), writer.length());
        }
        var template = new Template(usesOfOld);
        usesOfOld = 0;
        writer.recording = template;
        try {
            writer.whole(value);
        } finally {
            writer.recording = null;
        }
        PackedPickle packed = packer.pack(writer.bytes(), writer.length());
        if (template.complete(packed.bytes())) {
            if (templates.size() == TEMPLATES_MAX) {
                templates.removeLast();
            }
            templates.addFirst(template);
        }
        return packed;
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
