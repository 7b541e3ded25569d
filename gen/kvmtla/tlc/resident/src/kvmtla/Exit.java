package kvmtla;

/** What TLC's {@code System.exit} has become: the end of the run, and not of the process. */
public final class Exit extends Error {
    private static final long serialVersionUID = 1;

    final int status;

    private Exit(int status) {
        super("exit " + status, null, false, false);
        this.status = status;
    }

    /** Ends the run with this exit status. */
    public static void exit(int status) {
        throw new Exit(status);
    }
}
