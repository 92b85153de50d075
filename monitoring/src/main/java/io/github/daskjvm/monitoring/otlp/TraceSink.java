package io.github.daskjvm.monitoring.otlp;

/// Where the records of traces go. Called by the event loop's thread, which never waits here.
interface TraceSink {
    /// The scheduler has this address; nothing else is called before.
    ///
    /// @throws RuntimeException if nothing can be sent
    void begins(String address);

    /// Whether the trace is to be made.
    boolean isSampled(String traceId);

    /// @return false if there is no room, and the record is dropped
    boolean offer(TraceRecord record);

    /// Nothing more will come.
    void ends();
}
