package kvmtla;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The classes that have static state, in the order in which they were initialised. */
public final class Statics {
    private static final List<Class<?>> READY = Collections.synchronizedList(new ArrayList<>());

    private Statics() {}

    /** Is told by each class that it is initialised. */
    public static void ready(Class<?> initialised) {
        READY.add(initialised);
    }

    /** Makes the static state of all of them anew, in the order in which it was made first. */
    static void reset() throws ReflectiveOperationException {
        List<Class<?>> classes = new ArrayList<>(READY);
        for (Class<?> c : classes) {
            for (Field field : c.getDeclaredFields()) {
                int flags = field.getModifiers();
                if (Modifier.isStatic(flags) && !Modifier.isFinal(flags)) {
                    field.setAccessible(true);
                    clear(field);
                }
            }
        }
        for (Class<?> c : classes) {
            Method again;
            try {
                again = c.getDeclaredMethod(ClassFile.AGAIN);
            } catch (NoSuchMethodException none) {
                continue;
            }
            again.setAccessible(true);
            try {
                again.invoke(null);
            } catch (InvocationTargetException error) {
                throw new ReflectiveOperationException(c.getName(), error.getCause());
            }
        }
    }

    private static void clear(Field field) throws IllegalAccessException {
        Class<?> type = field.getType();
        if (!type.isPrimitive()) {
            field.set(null, null);
        } else if (type == boolean.class) {
            field.setBoolean(null, false);
        } else if (type == char.class) {
            field.setChar(null, (char) 0);
        } else if (type == byte.class) {
            field.setByte(null, (byte) 0);
        } else if (type == short.class) {
            field.setShort(null, (short) 0);
        } else if (type == int.class) {
            field.setInt(null, 0);
        } else if (type == long.class) {
            field.setLong(null, 0);
        } else if (type == float.class) {
            field.setFloat(null, 0);
        } else {
            field.setDouble(null, 0);
        }
    }
}
