"""Pages with plots: one HTML file with everything in it, and no network.

=========  =======================================================================================
figure     what every plot has in common
page       the file around text and plots: plotly.js inside, so that it can be mailed and kept
page.html  its frame
=========  =======================================================================================
"""
