package kvmtla;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Runs TLC again and again in one process, each time as if it were the first.
 *
 * <p>The only argument is the jar with TLC. Each line of standard input asks for a run: a word, then
 * the arguments of TLC, separated by NUL. What TLC writes goes to standard output, and at its end
 * the word again, with the exit status. The process ends with its input; a run that fails in a way
 * that TLC does not provide for ends it, too, and so is never taken for another.
 */
public final class Resident {
    private static final int FAILED = 70;

    private Resident() {}

    /** Serves until standard input ends. */
    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, "UTF-8");
        System.setOut(new PrintStream(
                        new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)), true, "UTF-8"));
        BlockingQueue<String> asked = new LinkedBlockingQueue<>();
        Thread listener = new Thread(() -> listen(asked), "listener");
        listener.setDaemon(true);
        listener.start();
        Loader loader = new Loader(new File(arguments[0]).toURI().toURL());
        Thread.currentThread().setContextClassLoader(loader);
        while (true) {
            String[] words = asked.take().split("\0", -1);
            int status = run(loader, Arrays.copyOfRange(words, 1, words.length));
            System.out.flush();
            out.println(words[0] + " " + status);
            out.flush();
            forget();
        }
    }

    private static void forget() throws Exception {
        try {
            Beans.remove();
        } catch (NoClassDefFoundError none) {
            // A Java without management has no beans.
        }
        Statics.reset();
    }

    private static void listen(BlockingQueue<String> asked) {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                asked.add(line);
            }
        } catch (IOException error) {
            // Nobody is there to ask any more.
        }
        Runtime.getRuntime().halt(0);
    }

    private static int run(Loader loader, String[] arguments) throws ReflectiveOperationException {
        Method main = loader.loadClass("tlc2.TLC").getMethod("main", String[].class);
        try {
            main.invoke(null, (Object) arguments);
            return 0;
        } catch (InvocationTargetException error) {
            if (error.getCause() instanceof Exit) {
                return ((Exit) error.getCause()).status;
            }
            error.getCause().printStackTrace();
            Runtime.getRuntime().halt(FAILED);
            throw error;
        }
    }
}
