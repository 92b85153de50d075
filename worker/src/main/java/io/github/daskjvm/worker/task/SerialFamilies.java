package io.github.daskjvm.worker.task;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Classes by what an attacker could do with them in a Java stream.
final class SerialFamilies {
    /// Beginnings of class names, of libraries whose classes chains of calls have been built from: those of the
    /// collection
    /// "ysoserial" and of the list of types that Jackson refuses to read.
    private static final List<String> KNOWN = List.of(
            "bsh.",
            "clojure.core$",
            "clojure.inspector.",
            "clojure.main$",
            "com.alibaba.fastjson.",
            "com.alibaba.fastjson2.",
            "com.caucho.",
            "com.fasterxml.jackson.databind.node.POJONode",
            "com.mchange.",
            "com.rometools.rome.feed.impl.",
            "com.sun.syndication.",
            "com.vaadin.data.util.",
            "com.zaxxer.hikari.",
            "freemarker.",
            "groovy.",
            "javassist.",
            "net.sf.ehcache.",
            "net.sf.json.",
            "ognl.",
            "oracle.jdbc.",
            "oracle.toplink.",
            "org.apache.bcel.",
            "org.apache.click.",
            "org.apache.commons.beanutils.",
            "org.apache.commons.beanutils2.",
            "org.apache.commons.collections.",
            "org.apache.commons.collections4.comparators.",
            "org.apache.commons.collections4.functors.",
            "org.apache.commons.collections4.keyvalue.TiedMapEntry",
            "org.apache.commons.collections4.map.LazyMap",
            "org.apache.commons.configuration.",
            "org.apache.commons.configuration2.",
            "org.apache.commons.dbcp.",
            "org.apache.commons.dbcp2.",
            "org.apache.commons.fileupload.",
            "org.apache.commons.fileupload2.",
            "org.apache.commons.jelly.",
            "org.apache.commons.proxy.",
            "org.apache.ibatis.",
            "org.apache.log4j.",
            "org.apache.myfaces.",
            "org.apache.openjpa.",
            "org.apache.shiro.",
            "org.apache.tomcat.dbcp.",
            "org.apache.velocity.",
            "org.apache.wicket.",
            "org.apache.xalan.",
            "org.apache.xbean.",
            "org.apache.xpath.",
            "org.aspectj.",
            "org.codehaus.groovy.",
            "org.hibernate.",
            "org.jboss.interceptor.",
            "org.jboss.weld.",
            "org.mozilla.javascript.",
            "org.python.",
            "org.springframework.aop.",
            "org.springframework.beans.",
            "org.springframework.context.",
            "org.springframework.core.",
            "org.springframework.jndi.",
            "org.springframework.transaction.",
            "scala.collection.immutable.LazyList",
            "scala.sys.process.");

    /// The JDK's packages all of whose classes that serialize are values, or hold some.
    private static final Set<String> VALUE_PACKAGES = Set.of(
            "java.math",
            "java.text",
            "java.time",
            "java.time.chrono",
            "java.time.temporal",
            "java.time.zone",
            "java.util",
            "java.util.concurrent",
            "java.util.concurrent.atomic",
            "java.util.concurrent.locks",
            "java.util.regex");

    private static final Set<String> VALUES = Set.of(
            "java.io.File",
            "java.lang.Boolean",
            "java.lang.Byte",
            "java.lang.Character",
            "java.lang.Class",
            "java.lang.Double",
            "java.lang.Enum",
            "java.lang.Float",
            "java.lang.Integer",
            "java.lang.Long",
            "java.lang.Number",
            "java.lang.Object",
            "java.lang.Record",
            "java.lang.Short",
            "java.lang.StackTraceElement",
            "java.lang.String",
            "java.lang.StringBuffer",
            "java.lang.StringBuilder",
            "java.lang.Void",
            // A lambda: a class of its own says which it can be, and is checked too.
            "java.lang.invoke.SerializedLambda",
            // Above every proxy, which are checked by what they stand for.
            "java.lang.reflect.Proxy",
            "java.net.Inet4Address",
            "java.net.Inet6Address",
            "java.net.InetAddress",
            "java.net.InetSocketAddress",
            "java.net.URI",
            "java.sql.Date",
            "java.sql.Time",
            "java.sql.Timestamp",
            // In every GregorianCalendar.
            "sun.util.calendar.ZoneInfo");

    private static final Set<String> NO_EXCEPTIONS_OF = Set.of("java.rmi", "java.beans");

    private SerialFamilies() {}

    static boolean isOfJdk(Class<?> type) {
        ClassLoader loader = type.getClassLoader();
        return loader == null
                || loader == ClassLoader.getPlatformClassLoader()
                || (type.getModule().isNamed() && type.getModule().getName().startsWith("jdk."));
    }

    /// Of a class of the JDK.
    static boolean isValueOfJdk(Class<?> type) {
        String name = type.getName();
        return type.isPrimitive()
                || VALUES.contains(name)
                || VALUE_PACKAGES.contains(type.getPackageName())
                || Enum.class.isAssignableFrom(type)
                || (Throwable.class.isAssignableFrom(type)
                        && (name.startsWith("java.") || name.startsWith("javax.net."))
                        && !NO_EXCEPTIONS_OF.contains(type.getPackageName()));
    }

    /// The beginning that the name has in common with a known family; null if none.
    static @Nullable String known(String className) {
        for (String each : KNOWN) {
            if (className.startsWith(each)) {
                return each;
            }
        }
        return null;
    }
}
