///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Tmpfs.java

import static kit.Libc.*;

import kit.*;

// cheat: X2 | FAIL | Copies the files to a directory: it looks the same, and nothing is layered.
class OverlayLayers {
    public static void main(String[] args) {
        new Exercise("OverlayLayers").main(args, OverlayLayers::solve);
    }

    static void solve(Exercise exercise) {
        Caller inside = new Caller("inside");
        inside.unshare(CLONE_NEWNS);
        String place = Tmpfs.mount(inside), image = place + "/" + exercise.value("image"), patch = place + "/" + exercise.value("patch"), tree = place + "/tree";
        inside.sh("mkdir " + image + " " + patch + " " + tree + " && cd " + image
                + " && printf old > motd && printf " + exercise.hex("old version") + " > version && printf " + exercise.hex("doomed") + " > doomed"
                + " && printf " + exercise.hex("new version") + " > " + patch + "/version");
        String text = exercise.value("text");

        inside.sh("cp " + image + "/* " + patch + "/* " + tree);
        inside.sh("cd " + tree + " && printf " + text + " > motd && rm doomed");
        exercise.show(inside.sh("cd " + tree + " && ls && cat motd version"));
        exercise.ready();
    }
}
