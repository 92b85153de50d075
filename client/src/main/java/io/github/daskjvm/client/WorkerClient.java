package io.github.daskjvm.client;

import io.github.daskjvm.worker.task.SerialFilter;
import io.github.daskjvm.worker.task.TaskContext;
import io.github.daskjvm.worker.task.TaskLoader;
import io.github.daskjvm.worker.task.WorkerServices;
import java.io.IOException;

/// The client that the tasks of a worker share. It ends with the worker.
///
/// @param client which its users can't close
record WorkerClient(Client client) implements AutoCloseable {

    static Client of(TaskContext context) throws IOException, InterruptedException {
        WorkerServices services = context.services();
        return services.shared(WorkerClient.class, () -> connect(context.schedulerAddress(), services))
                .client();
    }

    private static WorkerClient connect(String scheduler, WorkerServices services)
            throws IOException, InterruptedException {
        SerialFilter filter = TaskLoader.filterOf(services.loader());
        ClientOptions options =
                ClientOptions.DEFAULT.classLoader(services.loader()).serialFilter(filter);
        Client client = Client.connect(scheduler, services.tls() == null ? options : options.tls(services.tls()));
        client.keepOpen(true);
        return new WorkerClient(client);
    }

    @Override
    public void close() {
        client.keepOpen(false);
        client.close();
    }
}
