package io.github.daskjvm.protocol;

import org.jspecify.annotations.Nullable;

/// The messages of a frame, one or an array of them, each looked at where it stands: nothing is made of a field that
/// nobody asks for. A scheduler gets a message of a dozen fields for each task. Not thread-safe.
public final class ScannedBatch implements AutoCloseable {
    private final MsgpackReader reader;
    private final ScannedFields fields;
    private int left;
    /// Where the next message begins.
    private int place;

    public ScannedBatch(MsgpackReader reader) {
        this.reader = reader;
        this.fields = new ScannedFields(reader);
    }

    /// Begins with the messages that these bytes of the array are; they must stay as they are until [#close].
    ///
    /// @throws BadMessageException if that is seen not to be so
    public void open(byte[] frame, int from, int to) throws BadMessageException {
        reader.open(frame, from, to);
        try {
            int length = reader.isAtEnd() ? -1 : reader.arrayLength();
            left = length < 0 ? 1 : length;
        } catch (IndexOutOfBoundsException e) {
            throw cutOff();
        }
        place = reader.position();
    }

    /// Whether there is another message.
    ///
    /// @throws BadMessageException if there is none, and the frame goes on
    public boolean hasNext() throws BadMessageException {
        reader.goTo(place);
        if (left == 0 && !reader.isAtEnd()) {
            throw new BadMessageException("there are bytes after the last message of a frame");
        }
        return left > 0;
    }

    /// The fields of the next message, good until the next is asked for; null if it is not a plain map with an op:
    /// then it is what [#decoded] has.
    ///
    /// @throws BadMessageException if it is not whole, or not msgpack
    public @Nullable Fields next() throws BadMessageException {
        reader.goTo(place);
        try {
            if (!fields.scan()) {
                return null;
            }
        } catch (IndexOutOfBoundsException e) {
            throw cutOff();
        }
        passed();
        return fields;
    }

    /// The next message, made into what [MsgpackReader#whole] makes of it.
    ///
    /// @throws BadMessageException as [#next]
    public @Nullable Object decoded() throws BadMessageException {
        reader.goTo(place);
        try {
            Object message = reader.next();
            passed();
            return message;
        } catch (IndexOutOfBoundsException e) {
            throw cutOff();
        }
    }

    private void passed() {
        left--;
        place = reader.position();
    }

    private static BadMessageException cutOff() {
        return new BadMessageException("msgpack value is cut off");
    }

    @Override
    public void close() {
        reader.close();
    }
}
