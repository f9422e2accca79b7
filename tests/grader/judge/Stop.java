package grader.judge;

import grader.box.Box;

/** For somebody who may lose interest in a verdict: ends the answer that is being judged. What is then said of it means nothing. */
public final class Stop {
    private boolean asked;
    private Box box;

    /** Ends it now, or as soon as it runs. */
    public synchronized void now() {
        asked = true;
        if (box != null) box.end();
    }

    /** Where the answer runs; null when it does not any more. */
    synchronized void at(Box running) {
        box = running;
        if (asked && box != null) box.end();
    }
}
