package io.github.daskjvm.worker;

import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.worker.profile.ProfileHistory;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The operations `profile` and `profile_metadata`, in Dask's forms.
final class ProfileOps {
    private final ProfileHistory history;
    /// What Dask has of its event loop, which is not here.
    private final ProfileHistory none = new ProfileHistory();

    ProfileOps(ProfileHistory history) {
        this.history = history;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("profile", (request, connection) -> profile(request));
        handlers.put("profile_metadata", (request, connection) -> {
            Double start = seconds(request, "start");
            return history.metadata(
                    start == null ? 0 : start, seconds(request, "stop"), System.currentTimeMillis() / 1e3);
        });
    }

    private Object profile(Fields request) throws BadMessageException {
        ProfileHistory asked = request.bool("server", false) ? none : history;
        return asked.profile(seconds(request, "start"), seconds(request, "stop"), request.stringOrNull("key"));
    }

    private static @Nullable Double seconds(Fields request, String name) throws BadMessageException {
        return request.get(name) == null ? null : (Double) request.number(name);
    }
}
