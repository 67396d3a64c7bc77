package io.remitflow.local;

import java.io.File;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.codelibs.opensearch.runner.OpenSearchRunner;
import org.opensearch.common.settings.Setting;
import org.opensearch.common.settings.Setting.Property;
import org.opensearch.plugins.Plugin;

/** The main program of the OpenSearch process. It ends when the process that started it does. */
final class OpenSearchNode {

    private OpenSearchNode() {}

    public static void main(String[] args) throws IOException {
        String directory = args[0];
        String port = args[1];
        String transportPort = args[2];
        var runner = new OpenSearchRunner();
        runner.onBuild((number, settings) -> {
            settings.put("network.host", "127.0.0.1");
            settings.put("http.port", port);
            settings.put("transport.port", transportPort);
            settings.put("discovery.type", "single-node");
            settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
            settings.put("action.auto_create_index", true);
        });
        runner.build(OpenSearchRunner.newConfigs()
                .clusterName("remitflow-" + port)
                .numOfNode(1)
                .basePath(directory)
                .pluginTypes(PolicySetting.class.getName()));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(runner)));
        while (System.in.read() != -1) {
            // The parent never writes: reading ends when it ends.
        }
        System.exit(0);
    }

    /** Our class path without the bridge that sends Log4j to SLF4J: OpenSearch insists on the real Log4j. */
    static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("log4j-to-slf4j"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static void close(OpenSearchRunner runner) {
        try {
            runner.close();
        } catch (IOException e) {
            System.err.println("OpenSearch did not close: " + e.getMessage());
        }
    }

    /** Tasklist sets this index setting, which otherwise comes with a plugin that is not here. */
    public static final class PolicySetting extends Plugin {

        @Override
        public List<Setting<?>> getSettings() {
            return List.of(Setting.simpleString(
                    "index.plugins.index_state_management.policy_id", Property.IndexScope, Property.Dynamic));
        }
    }
}
