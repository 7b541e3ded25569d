package kvmtla;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** What a run registers with Java for others to look at, and does not take back if it fails. */
final class Beans {
    private Beans() {}

    /** Takes all of it back. */
    static void remove() throws JMException {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        for (ObjectName name : server.queryNames(new ObjectName("tlc2*:*"), null)) {
            server.unregisterMBean(name);
        }
    }
}
