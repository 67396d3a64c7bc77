package io.remitflow.workflow.web;

import io.remitflow.core.RuleViolation;
import io.remitflow.workflow.ProcessDiagrams;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** The model behind a diagram. It says how we work and nothing about a case: everyone signed in may see it. */
@RestController
class ProcessDiagramController {

    private final ProcessDiagrams diagrams;

    ProcessDiagramController(ProcessDiagrams diagrams) {
        this.diagrams = diagrams;
    }

    @PreAuthorize("isAuthenticated()")
    @GetMapping("/app/processes/{processId:[a-z0-9-]+}.bpmn")
    ResponseEntity<String> model(@PathVariable String processId) {
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_XML)
                .body(diagrams.xml(processId).orElseThrow(() -> RuleViolation.notFound("process")));
    }
}
