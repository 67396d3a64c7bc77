// The chart of credit balances by owner and days left; its figures are in the attributes of the canvas.
(() => {
    const canvas = document.getElementById('rf-credits');
    if (!canvas || !window.Chart) {
        return;
    }
    const style = window.getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const colours = {Payer: colour('--rf-in'), Patient: colour('--rf-out'), Guarantor: '#8a6bbf', Unknown: '#9aa3ad'};
    new window.Chart(canvas, {
        type: 'bar',
        data: {
            labels: JSON.parse(canvas.dataset.labels),
            datasets: JSON.parse(canvas.dataset.series).map((line) => ({
                label: line.owner, data: line.amounts, backgroundColor: colours[line.owner], borderRadius: 2, maxBarThickness: 42,
            })),
        },
        options: {
            animation: false,
            maintainAspectRatio: false,
            interaction: {mode: 'index', intersect: false},
            scales: {
                x: {stacked: true, grid: {display: false}},
                y: {stacked: true, beginAtZero: true, border: {display: false}, ticks: {maxTicksLimit: 5}},
            },
            plugins: {legend: {position: 'top', align: 'end', labels: {boxWidth: 10, boxHeight: 10}}},
        },
    });
})();
