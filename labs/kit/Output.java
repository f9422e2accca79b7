package kit;

/** What a command printed (stdout and stderr together, blanks at both ends removed) and its exit status. */
public record Output(int status, String text) {
    public boolean ok() {
        return status == 0;
    }
}
