// The chart of the last 30 days on the home page; its figures are in the attributes of the canvas.
(() => {
    const canvas = document.getElementById('rf-daily');
    if (!canvas || !window.Chart) {
        return;
    }
    const style = window.getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const colours = {'Money in': colour('--rf-in'), 'Money out': colour('--rf-out')};
    const series = JSON.parse(canvas.dataset.series);
    new window.Chart(canvas, {
        type: 'bar',
        data: {
            labels: JSON.parse(canvas.dataset.days),
            datasets: series.map((line) => ({
                label: line.direction, data: line.amounts, backgroundColor: colours[line.direction], borderRadius: 2, maxBarThickness: 18,
            })),
        },
        options: {
            animation: false,
            maintainAspectRatio: false,
            interaction: {mode: 'index', intersect: false},
            scales: {
                x: {grid: {display: false}, ticks: {maxRotation: 0, autoSkipPadding: 24}},
                y: {beginAtZero: true, border: {display: false}, ticks: {maxTicksLimit: 5}},
            },
            plugins: {legend: {position: 'top', align: 'end', labels: {boxWidth: 10, boxHeight: 10}}},
        },
    });
})();
