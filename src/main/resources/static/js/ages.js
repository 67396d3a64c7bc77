// Bars of what is under way by its age; the figures are in the attributes of the canvas.
(() => {
    const canvas = document.getElementById('rf-ages');
    if (!canvas || !window.Chart) {
        return;
    }
    const colour = window.getComputedStyle(document.documentElement).getPropertyValue('--rf-out').trim();
    new window.Chart(canvas, {
        type: 'bar',
        data: {
            labels: JSON.parse(canvas.dataset.labels),
            datasets: [{label: 'Under way', data: JSON.parse(canvas.dataset.amounts), backgroundColor: colour, borderRadius: 2, maxBarThickness: 22}],
        },
        options: {
            animation: false,
            indexAxis: 'y',
            maintainAspectRatio: false,
            scales: {
                x: {beginAtZero: true, border: {display: false}, ticks: {maxTicksLimit: 6}},
                y: {grid: {display: false}},
            },
            plugins: {legend: {display: false}},
        },
    });
})();
