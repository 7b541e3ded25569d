package kvmtla;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;

/** Loads the classes of a jar in the form in which their static state can be made anew. */
final class Loader extends URLClassLoader {
    Loader(URL jar) {
        super(new URL[] {jar}, new Own());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        URL found = findResource(name.replace('.', '/') + ".class");
        if (found == null) {
            throw new ClassNotFoundException(name);
        }
        try (InputStream in = found.openStream()) {
            byte[] changed = ClassFile.resettable(in.readAllBytes());
            int dot = name.lastIndexOf('.');
            if (dot > 0 && getDefinedPackage(name.substring(0, dot)) == null) {
                definePackage(name.substring(0, dot), null, null, null, null, null, null, null);
            }
            return defineClass(name, changed, 0, changed.length);
        } catch (IOException error) {
            throw new ClassNotFoundException(name, error);
        }
    }

    /** Of the classes around the loader, those of Java, and the two that changed ones refer to. */
    private static final class Own extends ClassLoader {
        Own() {
            super(ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.equals("kvmtla.Statics")) {
                return Statics.class;
            }
            if (name.equals("kvmtla.Exit")) {
                return Exit.class;
            }
            throw new ClassNotFoundException(name);
        }
    }
}
