package kvmtla;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A class file, changed so that the static state of the class can be made anew.
 *
 * <p>Its initialiser becomes a method that may be called again ({@link #AGAIN}), behind a new
 * initialiser that calls it and then tells {@link Statics#ready}. Static fields that it sets are no
 * longer final. {@code System.exit} becomes {@link Exit#exit}. Everything else is copied as it
 * stands. The layout is that of the Java Virtual Machine Specification, chapter 4.
 */
final class ClassFile {
    /** What the initialiser of a class is called from then on. */
    static final String AGAIN = "kvmtla$again";

    private static final int UTF8 = 1, INTEGER = 3, FLOAT = 4, LONG = 5, DOUBLE = 6, CLASS = 7;
    private static final int STRING = 8, FIELD = 9, METHOD = 10, INTERFACE_METHOD = 11;
    private static final int NAME_AND_TYPE = 12, HANDLE = 15, METHOD_TYPE = 16, MODULE = 19;
    private static final int PACKAGE = 20;
    private static final int ACC_PUBLIC = 0x0001, ACC_STATIC = 0x0008, ACC_FINAL = 0x0010;
    private static final int ACC_INTERFACE = 0x0200, ACC_SYNTHETIC = 0x1000;
    // The first version in which an interface may have static methods, and the last in which a
    // method other than the initialiser may set a final field, as those of interfaces all are.
    private static final int JAVA_8 = 52;

    private final ByteBuffer in;
    private final byte[] bytes;
    private final int[] at;
    private final ByteArrayOutputStream added = new ByteArrayOutputStream();
    private final DataOutputStream constants = new DataOutputStream(added);
    private int count;

    private ClassFile(byte[] bytes) {
        this.bytes = bytes.clone();
        this.in = ByteBuffer.wrap(this.bytes);
        in.position(8);
        count = in.getShort() & 0xffff;
        at = new int[count];
        for (int i = 1; i < count; i++) {
            at[i] = in.position();
            int tag = in.get();
            switch (tag) {
                case UTF8:
                    int length = in.getShort() & 0xffff;
                    skip(length);
                    break;
                case LONG:
                case DOUBLE:
                    skip(8);
                    i++;
                    break;
                case CLASS:
                case STRING:
                case METHOD_TYPE:
                case MODULE:
                case PACKAGE:
                    skip(2);
                    break;
                case HANDLE:
                    skip(3);
                    break;
                default:
                    skip(4);
            }
        }
    }

    /** The changed bytes of a class. */
    static byte[] resettable(byte[] original) throws IOException {
        return new ClassFile(original).changed();
    }

    private byte[] changed() throws IOException {
        int end = in.position();
        exitElsewhere();
        int access = unsigned(), self = unsigned(), parent = unsigned();
        boolean isInterface = (access & ACC_INTERFACE) != 0;
        // What Java remembers of an enum are its first members; and what an interface of a class
        // file that is too old or too new holds can only be set once.
        boolean fixed =
                "java/lang/Enum".equals(parent == 0 ? null : nameOfClass(parent))
                        || isInterface && version() != JAVA_8;
        int interfaces = unsigned();
        skip(2 * interfaces);
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(members);
        boolean hasState = false;
        int fields = unsigned();
        out.writeShort(fields);
        for (int i = 0; i < fields; i++) {
            int start = in.position();
            int flags = unsigned();
            skip(4);
            boolean constant = false;
            int attributes = unsigned();
            for (int j = 0; j < attributes; j++) {
                constant |= "ConstantValue".equals(text(unsigned()));
                skip(in.getInt());
            }
            boolean state = (flags & ACC_STATIC) != 0 && !constant && !fixed;
            hasState |= state;
            out.writeShort(state && !isInterface ? flags & ~ACC_FINAL : flags);
            out.write(bytes, start + 2, in.position() - start - 2);
        }
        int methodsAt = in.position(), methods = unsigned();
        ByteArrayOutputStream bodies = new ByteArrayOutputStream();
        DataOutputStream body = new DataOutputStream(bodies);
        int again = 0;
        for (int i = 0; i < methods; i++) {
            int start = in.position();
            int flags = unsigned(), name = unsigned();
            skip(2);
            int attributes = unsigned();
            for (int j = 0; j < attributes; j++) {
                skip(2);
                skip(in.getInt());
            }
            boolean initialiser = !fixed && "<clinit>".equals(text(name));
            if (initialiser) {
                again = utf8(AGAIN);
                flags = ACC_PUBLIC | ACC_STATIC | ACC_SYNTHETIC;
            }
            body.writeShort(flags);
            body.writeShort(initialiser ? again : name);
            body.write(bytes, start + 4, in.position() - start - 4);
        }
        boolean more = again != 0 || hasState;
        if (more) {
            methods++;
            initialiser(body, self, isInterface, again);
        }
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        DataOutputStream whole = new DataOutputStream(result);
        whole.write(bytes, 0, 8);
        whole.writeShort(count);
        whole.write(bytes, 10, end - 10);
        added.writeTo(whole);
        whole.write(bytes, end, 2 * (4 + interfaces));
        members.writeTo(whole);
        whole.writeShort(methods);
        bodies.writeTo(whole);
        int rest = in.position();
        whole.write(bytes, rest, bytes.length - rest);
        return result.toByteArray();
    }

    /** The new initialiser: `again(); Statics.ready(Self.class);`. */
    private void initialiser(DataOutputStream out, int self, boolean isInterface, int again)
            throws IOException {
        int type = utf8("()V"), kind = isInterface ? INTERFACE_METHOD : METHOD;
        ByteArrayOutputStream made = new ByteArrayOutputStream();
        DataOutputStream code = new DataOutputStream(made);
        if (again != 0) {
            code.writeByte(0xb8); // invokestatic
            code.writeShort(pair(kind, self, pair(NAME_AND_TYPE, again, type)));
        }
        code.writeByte(0x13); // ldc_w
        code.writeShort(self);
        code.writeByte(0xb8);
        code.writeShort(method("kvmtla/Statics", "ready", "(Ljava/lang/Class;)V"));
        code.writeByte(0xb1); // return
        out.writeShort(ACC_STATIC);
        out.writeShort(utf8("<clinit>"));
        out.writeShort(type);
        out.writeShort(1);
        out.writeShort(utf8("Code"));
        out.writeInt(12 + made.size());
        out.writeShort(1); // stack
        out.writeShort(0); // locals
        out.writeInt(made.size());
        made.writeTo(out);
        out.writeShort(0); // exceptions
        out.writeShort(0); // attributes
    }

    private void exitElsewhere() throws IOException {
        int exit = 0;
        for (int i = 1; i < at.length; i++) {
            if (at[i] == 0 || bytes[at[i]] != METHOD) {
                continue;
            }
            int signature = short_(at[i] + 3);
            if ("java/lang/System".equals(nameOfClass(short_(at[i] + 1)))
                    && "exit".equals(text(short_(at[signature] + 1)))) {
                exit = exit == 0 ? class_("kvmtla/Exit") : exit;
                in.putShort(at[i] + 1, (short) exit);
            }
        }
    }

    // -- reading

    private int version() {
        return short_(6);
    }

    private int unsigned() {
        return in.getShort() & 0xffff;
    }

    private int short_(int position) {
        return in.getShort(position) & 0xffff;
    }

    private void skip(int length) {
        in.position(in.position() + length);
    }

    private String nameOfClass(int constant) {
        return text(short_(at[constant] + 1));
    }

    private String text(int constant) {
        int position = at[constant];
        return new String(bytes, position + 3, short_(position + 1), StandardCharsets.UTF_8);
    }

    // -- new constants

    private int utf8(String text) throws IOException {
        constants.writeByte(UTF8);
        constants.writeUTF(text);
        return count++;
    }

    private int class_(String name) throws IOException {
        int text = utf8(name);
        constants.writeByte(CLASS);
        constants.writeShort(text);
        return count++;
    }

    private int pair(int tag, int first, int second) throws IOException {
        constants.writeByte(tag);
        constants.writeShort(first);
        constants.writeShort(second);
        return count++;
    }

    private int method(String owner, String name, String type) throws IOException {
        int signature = pair(NAME_AND_TYPE, utf8(name), utf8(type));
        return pair(METHOD, class_(owner), signature);
    }
}
