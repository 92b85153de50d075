package io.github.daskjvm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.RelabelConfig;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import io.fabric8.openshift.api.model.monitoring.v1.RuleGroup;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.github.daskjvm.monitoring.export.MonitoringFiles;
import io.github.daskjvm.monitoring.export.ScrapedCluster;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// What is exported for the Prometheus operator has fields and types of the operator's API, by a client library that is
/// generated from it.
class OperatorResourcesTest {
    private static final String API = "monitoring.coreos.com/v1";
    private static final String DURATION = "(\\d+[smhd])+";

    /// A field that the API has not is a mistake; the library would keep it for whoever knows more.
    private static final ObjectMapper STRICT = JsonMapper.builder()
            .annotationIntrospector(new JacksonAnnotationIntrospector() {
                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                    return false;
                }
            })
            .build();

    private static final Map<String, String> FILES = new MonitoringFiles(
                    List.of(new ScrapedCluster("mine", false, "10.0.0.1:8787")), "dask", false, MonitoringFiles.RUNBOOK)
            .all();

    private static <T> T read(String path, Class<T> type) {
        var load = new Load(LoadSettings.builder().build());
        return STRICT.convertValue(load.loadFromString(FILES.get(path)), type);
    }

    @Test
    void schedulersAreFoundByTheirServices() {
        ServiceMonitor monitor = read("kubernetes/servicemonitor.yaml", ServiceMonitor.class);
        assertThat(monitor.getApiVersion()).isEqualTo(API);
        assertThat(monitor.getSpec().getSelector().getMatchLabels()).containsEntry("dask.org/component", "scheduler");
        assertThat(monitor.getSpec().getEndpoints()).singleElement().satisfies(endpoint -> {
            assertThat(endpoint.getPort()).isEqualTo("http-dashboard");
            assertThat(endpoint.getPath()).isEqualTo("/metrics");
            assertThat(endpoint.getInterval()).matches(DURATION);
            assertLabels(endpoint.getRelabelings(), "kind", "cluster");
        });
    }

    @Test
    void workersAreFoundByTheirPods() {
        PodMonitor monitor = read("kubernetes/podmonitor.yaml", PodMonitor.class);
        assertThat(monitor.getApiVersion()).isEqualTo(API);
        assertThat(monitor.getSpec().getSelector().getMatchLabels()).containsEntry("dask.org/component", "worker");
        assertThat(monitor.getSpec().getPodMetricsEndpoints()).singleElement().satisfies(endpoint -> {
            assertThat(endpoint.getPort()).isEqualTo("http-dashboard");
            assertThat(endpoint.getInterval()).matches(DURATION);
            assertLabels(endpoint.getRelabelings(), "kind", "worker", "cluster");
        });
    }

    /// Each is set, by a rule that replaces, which is what a rule does that names no action.
    private static void assertLabels(List<RelabelConfig> rules, String... labels) {
        assertThat(rules)
                .extracting(RelabelConfig::getTargetLabel)
                .contains(labels)
                .isSubsetOf(labels);
        assertThat(rules).allSatisfy(rule -> {
            assertThat(rule.getAction()).isNull();
            assertThat(rule.getReplacement() != null || !rule.getSourceLabels().isEmpty())
                    .isTrue();
        });
    }

    @Test
    void everyRuleIsOne() {
        PrometheusRule rules = read("kubernetes/prometheusrule.yaml", PrometheusRule.class);
        assertThat(rules.getApiVersion()).isEqualTo(API);
        assertThat(rules.getSpec().getGroups())
                .extracting(RuleGroup::getName)
                .doesNotHaveDuplicates()
                .hasSizeGreaterThan(2);
        for (RuleGroup group : rules.getSpec().getGroups()) {
            assertThat(group.getInterval() == null || group.getInterval().matches(DURATION))
                    .isTrue();
            assertThat(group.getRules()).isNotEmpty();
            for (Rule rule : group.getRules()) {
                assertThat(rule.getExpr().getStrVal()).isNotBlank();
                assertThat((rule.getAlert() == null) != (rule.getRecord() == null))
                        .as("%s %s", rule.getAlert(), rule.getRecord())
                        .isTrue();
                assertThat(rule.getFor() == null || rule.getFor().matches(DURATION))
                        .isTrue();
            }
        }
    }

    @Test
    void aFieldThatTheApiHasNotIsAMistake() {
        Map<String, ?> mistaken = Map.of("spec", Map.of("endpoints", List.of(Map.of("prot", "http-dashboard"))));
        assertThatThrownBy(() -> STRICT.convertValue(mistaken, ServiceMonitor.class))
                .hasMessageContaining("prot");
    }
}
