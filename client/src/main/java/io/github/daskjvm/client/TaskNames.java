package io.github.daskjvm.client;

import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Method;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Names of tasks, of the form `name-token`, as Dask makes them: dashboards and metrics show the part before the
/// dash.
final class TaskNames {
    private TaskNames() {}

    /// What the function is called: the method that a method reference refers to, the method that a lambda is
    /// written in, otherwise the class.
    static String of(Serializable function) {
        String name = function.getClass().getSimpleName();
        if (function.getClass().isSynthetic() || function.getClass().isHidden()) {
            name = lambdaName(function);
        }
        String clean = name.replace('-', '_').replace("$", "_");
        return clean.isEmpty() || !Character.isLetter(clean.charAt(0)) ? "task" : clean;
    }

    /// What a value that is scattered is called: its class.
    static String ofValue(@Nullable Object value) {
        String name = value == null ? "null" : value.getClass().getSimpleName().replace("[]", "_array");
        return name.isEmpty() ? "value" : name.replace("$", "_");
    }

    private static String lambdaName(Serializable lambda) {
        try {
            Method writeReplace = lambda.getClass().getDeclaredMethod("writeReplace");
            writeReplace.setAccessible(true);
            if (writeReplace.invoke(lambda) instanceof SerializedLambda form) {
                return lambdaName(form);
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            // A module that doesn't open its packages keeps the name to itself.
        }
        return "task";
    }

    private static String lambdaName(SerializedLambda form) {
        String method = form.getImplMethodName();
        String owner = form.getImplClass();
        String simpleOwner = owner.substring(Math.max(owner.lastIndexOf('/'), owner.lastIndexOf('$')) + 1);
        if (method.startsWith("lambda$")) {
            String enclosing = method.substring("lambda$".length());
            int end = enclosing.indexOf('$');
            String name = end < 0 ? enclosing : enclosing.substring(0, end);
            return name.equals("static") || name.equals("new") ? simpleOwner : name;
        }
        return method.equals("<init>") ? simpleOwner : method;
    }

    static String uniqueToken() {
        UUID random = UUID.randomUUID();
        return HexFormat.of().toHexDigits(random.getMostSignificantBits())
                + HexFormat.of().toHexDigits(random.getLeastSignificantBits());
    }

    /// Equal for equal contents.
    static String tokenOf(List<byte[]> contents) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : contents) {
                digest.update(part);
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
