// Draws each [data-diagram] with bpmn-js and marks where the case stands.
(() => {
    'use strict';

    async function draw(canvas) {
        if (canvas.dataset.drawn) {
            return;
        }
        canvas.dataset.drawn = 'true';
        try {
            const response = await fetch(canvas.dataset.diagram, { credentials: 'same-origin' });
            if (!response.ok) {
                throw new Error(`the server answered ${response.status}`);
            }
            const viewer = new window.BpmnJS({ container: canvas });
            await viewer.importXML(await response.text());
            const view = viewer.get('canvas');
            const elements = viewer.get('elementRegistry');
            mark(view, elements, canvas.dataset.active, 'rf-active');
            mark(view, elements, canvas.dataset.finished, 'rf-finished');
            view.zoom('fit-viewport', 'auto');
        } catch (error) {
            canvas.textContent = 'The process diagram cannot be shown.';
            canvas.classList.add('rf-diagram-failed');
        }
    }

    function mark(view, elements, ids, marker) {
        (ids || '').split(' ').filter(id => id && elements.get(id)).forEach(id => view.addMarker(id, marker));
    }

    function drawAll() {
        document.querySelectorAll('[data-diagram]').forEach(draw);
    }

    drawAll();
    document.addEventListener('htmx:afterSettle', drawAll);
})();
