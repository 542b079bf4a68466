"""Portfolio risk against ten years of prices: `make test-var`.

==============  ==================================================================================
closes          daily closes of a Parquet file, as the decision shard keeps them
portfolios      what is held in the back-test
rolling         the value at risk of every day, from the days before it, by every method
page            the result as a page
__main__        plays the back-test, checks its coverage, writes the page
==============  ==================================================================================
"""
