package io.remitflow.reconciliation.web;

import io.remitflow.ledger.MoneyNode;
import io.remitflow.reconciliation.MoneyFound;
import io.remitflow.reconciliation.MoneyPath;
import io.remitflow.reconciliation.MoneyTracer;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/accounting/trace")
@PreAuthorize("hasAuthority('ledger.view')")
class MoneyTraceResource {

    private final MoneyTracer tracer;

    MoneyTraceResource(MoneyTracer tracer) {
        this.tracer = tracer;
    }

    /** Exactly this number or amount; without one, nothing. */
    @GetMapping
    Found find(@RequestParam(defaultValue = "") String q) {
        return q.isBlank() ? new Found(null, 0, List.of()) : Found.of(tracer.find(q));
    }

    @GetMapping("/{id}")
    PathView trace(@PathVariable UUID id) {
        return PathView.of(tracer.trace(id));
    }

    record Found(@Nullable String amount, long total, List<NodeView> matches) {

        static Found of(MoneyFound found) {
            return new Found(
                    found.amount() == null ? null : found.amount().getAmount().toPlainString(),
                    found.total(),
                    found.matches().stream().map(NodeView::of).toList());
        }
    }

    record PathView(NodeView start, String state, List<StepView> steps, boolean more) {

        static PathView of(MoneyPath path) {
            return new PathView(
                    NodeView.of(path.start()),
                    path.state().key(),
                    path.steps().stream().map(StepView::of).toList(),
                    path.more());
        }
    }

    record StepView(String stage, String state, @Nullable String absence, List<NodeView> nodes) {

        static StepView of(MoneyPath.Step step) {
            return new StepView(
                    step.stage().name().toLowerCase(Locale.ROOT),
                    step.state().key(),
                    step.absence(),
                    step.nodes().stream().map(NodeView::of).toList());
        }
    }

    record NodeView(
            UUID id,
            String kind,
            String title,
            @Nullable String amount,
            @Nullable String currency,
            @Nullable LocalDate date,
            String state,
            String text) {

        static NodeView of(MoneyNode node) {
            return new NodeView(
                    node.id(),
                    node.kind(),
                    node.title(),
                    node.amount() == null ? null : node.amount().getAmount().toPlainString(),
                    node.amount() == null
                            ? null
                            : node.amount().getCurrencyUnit().getCode(),
                    node.date(),
                    node.state().key(),
                    node.text());
        }
    }
}
