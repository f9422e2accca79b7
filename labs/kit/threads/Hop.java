package kit.threads;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import kit.*;

/**
 * How a virtual thread loses the namespace that it has made: it goes on, on another carrier thread.
 *
 * @param made the UTS namespace that it made by unshare(2)
 * @param carrier the number of the thread that carried it then
 * @param now the UTS namespace in which it found itself later
 */
public record Hop(String made, long carrier, String now) {
    /** Whether this Java has virtual threads. The workbook is compiled for Java 17, so it finds them by their name. */
    public static boolean possible() {
        return Runtime.version().feature() >= 21;
    }

    /** Lets a virtual thread unshare, and then wait, while another one keeps its carrier busy; for 10 seconds at most. */
    public static Hop watch() throws ReflectiveOperationException, InterruptedException {
        System.setProperty("jdk.virtualThreadScheduler.parallelism", "2"); // also where there is one processor
        // Two carriers at work at the same time. One that is made later would inherit the namespaces of the carrier that makes it.
        CountDownLatch both = new CountDownLatch(2);
        for (int i = 0; i < 2; i++) {
            start(() -> {
                both.countDown();
                while (both.getCount() > 0) {
                    Thread.onSpinWait();
                }
            });
        }
        both.await();
        CompletableFuture<Hop> told = new CompletableFuture<>();
        start(() -> {
            try {
                told.complete(hop(told));
            } catch (Throwable e) {
                told.completeExceptionally(e);
            }
        });
        try {
            return told.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }

    private static Hop hop(CompletableFuture<Hop> told) throws ReflectiveOperationException {
        String before = Namespace.UTS.ofThisThread();
        Libc.unshare(Libc.CLONE_NEWUTS);
        String made = Namespace.UTS.ofThisThread();
        NotIsolated.unlessDifferent("unshare(CLONE_NEWUTS)", before, made);
        long carrier = thread(), end = System.nanoTime() + 10_000_000_000L;
        Thread waiting = Thread.currentThread();
        while (thread() == carrier && System.nanoTime() < end) {
            start(() -> {
                boolean same = thread() == carrier;
                LockSupport.unpark(waiting);
                while (same && !told.isDone()) {
                    Thread.onSpinWait(); // keeps the carrier, so the one that waited goes on elsewhere
                }
            });
            LockSupport.park();
        }
        return new Hop(made, carrier, Namespace.UTS.ofThisThread());
    }

    /** The thread that the kernel knows, under the virtual one. */
    private static long thread() {
        return Long.parseLong(Path.of(Proc.readlink("/proc/thread-self")).getFileName().toString()); // of 123/task/456
    }

    private static void start(Runnable code) throws ReflectiveOperationException {
        Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, code);
    }
}
