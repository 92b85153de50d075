package io.github.daskjvm.pickle;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Text in pickles. Python's half surrogates have no place in Java's UTF-8; they are refused, not replaced.
public final class Utf8 {
    private Utf8() {}

    static String decode(byte[] data, int from, int length) throws PickleFormatException {
        boolean ascii = true;
        for (int i = from; i < from + length && ascii; i++) {
            ascii = data[i] >= 0;
        }
        if (ascii) {
            return new String(data, from, length, StandardCharsets.ISO_8859_1);
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(data, from, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new PickleFormatException("text at byte " + from + " is no valid UTF-8", e);
        }
    }

    /// Whether each letter is of seven bits.
    public static boolean isAscii(String text) {
        int length = text.length();
        int whole = length & ~7;
        int letters = 0;
        for (int i = 0; i < whole; i += 8) { // the compiler then looks at the text itself once for eight
            letters |= text.charAt(i)
                    | text.charAt(i + 1)
                    | text.charAt(i + 2)
                    | text.charAt(i + 3)
                    | text.charAt(i + 4)
                    | text.charAt(i + 5)
                    | text.charAt(i + 6)
                    | text.charAt(i + 7);
        }
        for (int i = whole; i < length; i++) {
            letters |= text.charAt(i);
        }
        return letters < 0x80;
    }

    static byte[] encode(String text) throws PickleFormatException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        boolean surrogates = false;
        for (int i = 0; i < text.length() && !surrogates; i++) {
            surrogates = Character.isSurrogate(text.charAt(i));
        }
        if (surrogates && !new String(bytes, StandardCharsets.UTF_8).equals(text)) {
            throw new PickleFormatException("text with half of a surrogate pair can not be written");
        }
        return bytes;
    }
}
