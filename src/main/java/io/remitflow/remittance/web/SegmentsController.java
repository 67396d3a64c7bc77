package io.remitflow.remittance.web;

import io.remitflow.core.RuleViolation;
import io.remitflow.remittance.AnsweredClaim;
import io.remitflow.remittance.EraSegment;
import io.remitflow.remittance.RemittanceRegister;
import io.remitflow.remittance.RemittanceSegments;
import io.remitflow.remittance.RemittanceSegments.Part;
import io.remitflow.remittance.SegmentWords;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * The original segments behind a remittance beside plain words. They hold names and member ids, so they are for those who
 * may have the original file, and no browser keeps them.
 */
@Controller
@PreAuthorize("hasAuthority('remittances.receive')")
class SegmentsController {

    private static final int PAGE = 300;

    private final RemittanceSegments segments;
    private final RemittanceRegister register;

    SegmentsController(RemittanceSegments segments, RemittanceRegister register) {
        this.segments = segments;
        this.register = register;
    }

    @GetMapping("/app/remittances/{id}/segments")
    String header(@PathVariable UUID id, Model model, HttpServletResponse response) {
        return show(id, "Envelope and header", null, segments.header(id), model, response);
    }

    @GetMapping("/app/remittances/{id}/claims/{position}/segments")
    String claim(
            @PathVariable UUID id,
            @PathVariable("position") String text,
            @RequestParam(defaultValue = "0") long from,
            Model model,
            HttpServletResponse response) {
        int position = position(text);
        Part part = segments.claim(id, position, from, PAGE);
        AnsweredClaim claim = register.claims(id, position - 1, 1).getFirst();
        return show(id, "Claim " + claim.controlNumber(), claim, part, model, response);
    }

    /** What is no number is the position of no claim. */
    private static int position(String text) {
        if (!text.matches("\\d{1,9}")) {
            throw RuleViolation.notFound("the claim");
        }
        return Integer.parseInt(text);
    }

    @GetMapping("/app/remittances/{id}/provider-adjustments/segments")
    String providerAdjustments(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "0") long from,
            Model model,
            HttpServletResponse response) {
        return show(id, "Outside of claims", null, segments.providerAdjustments(id, from, PAGE), model, response);
    }

    private String show(
            UUID id,
            String title,
            @Nullable AnsweredClaim claim,
            Part part,
            Model model,
            HttpServletResponse response) {
        model.addAttribute("remittance", register.get(id).summary());
        model.addAttribute("title", title);
        model.addAttribute("claim", claim);
        model.addAttribute("rows", part.segments().stream().map(Row::of).toList());
        model.addAttribute("next", part.next());
        response.setHeader(HttpHeaders.CACHE_CONTROL, CacheControl.noStore().getHeaderValue());
        return "remittance/segments";
    }

    /** A segment and its words, as Thymeleaf reads it. */
    public record Row(EraSegment segment, String name, List<SegmentWords.Element> elements) {

        static Row of(EraSegment segment) {
            SegmentWords words = SegmentWords.of(segment);
            return new Row(segment, words.name(), words.elements());
        }
    }
}
