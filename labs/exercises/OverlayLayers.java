///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Tmpfs.java

import static kit.Libc.*;

import kit.*;

/*
 * Exercise OverlayLayers | lab Overlay | difficulty 3
 *
 * Two directories, an image and a patch of it, shall be seen as one tree that can be changed, while both stay as they are.
 * In the tree the patch's files hide the image's. There one file gets another text, and one is removed.
 *
 *   overlay.topmost-wins        | 2 | At the directory tree an overlay is mounted, of the patch over the image; its file version is the patch's.
 *   overlay.copy-up             | 2 | The file motd of the tree has the text asked for, and it is the upper layer that holds it.
 *   overlay.whiteout            | 2 | The file doomed is not in the tree; the upper layer says so by a character device 0:0.
 *   overlay.lower-never-written | 1 | The files of image and patch are as they were made.
 *
 * Read: mount(8) "overlay", mount(2), user_namespaces(7)
 */
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

        // TODO 1: mount the overlay on tree. It takes two more directories; the option userxattr says that no root of the machine mounts it
        // TODO 2: write text to motd, and remove doomed, in the tree alone

        exercise.show(inside.sh("cd " + tree + " && ls && cat motd version"));
        exercise.ready();
    }
}
