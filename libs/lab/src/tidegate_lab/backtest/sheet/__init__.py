"""The tear sheet: one HTML file with everything in it, plots included, and no network.

=============  ===================================================================================
page           the file: headline, tables, plots, settings
tables         the tables, as HTML
curves         plots over time: equity, drawdown, exposure, rolling Sharpe ratio, months
trading        plots of trading: fills on candles, costs, refusals
candles        bars put together until a picture can show them
=============  ===================================================================================
"""
