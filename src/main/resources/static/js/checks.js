// Checks: the progress of an upload, the field that is edited shown on the picture, and the keys for a hundred in a row.
(() => {
    const progress = document.getElementById('rf-upload-progress');
    if (progress) {
        document.body.addEventListener('htmx:xhr:progress', (event) => {
            progress.classList.remove('d-none');
            progress.value = event.detail.total ? 100 * event.detail.loaded / event.detail.total : 0;
        });
        document.body.addEventListener('htmx:afterRequest', () => progress.classList.add('d-none'));
    }

    const form = document.getElementById('rf-check');
    const show = (field) => document.querySelectorAll('.rf-box').forEach((box) => {
        const chosen = box.dataset.field === field;
        box.hidden = !chosen;
        if (chosen) {
            for (const side of ['left', 'top', 'width', 'height']) {
                box.style[side] = `${Number(box.dataset[side]) / 10}%`;
            }
            box.scrollIntoView({block: 'nearest'});
        }
    });
    form?.addEventListener('focusin', (event) => show(event.target.dataset.box));
    if (form && document.activeElement?.form === form) {
        show(document.activeElement.dataset.box);
    }

    document.addEventListener('keydown', (event) => {
        if (!event.ctrlKey || event.altKey || event.metaKey) {
            return;
        }
        const target = {Enter: 'rf-confirm', s: 'rf-save', ArrowRight: 'rf-next-check'}[event.key];
        const element = target && document.getElementById(target);
        if (element) {
            event.preventDefault();
            element.click();
        }
    });
})();
