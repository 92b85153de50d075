package io.github.daskjvm.examples.montecarlo;

import java.io.Serializable;
import java.util.SplittableRandom;

/// A European call: the right to buy a share for the strike price when the time is over. The share's price moves as a
/// geometric Brownian motion, as in the model of Black and Scholes.
///
/// @param price of the share today
/// @param strike what it can be bought for
/// @param rate of interest without risk, by year
/// @param volatility of the share, by year
/// @param years until the time is over
public record Option(double price, double strike, double rate, double volatility, double years)
        implements Serializable {

    /// What the option is worth today on so many paths that the share could take.
    ///
    /// @param seed of the random numbers: the same paths each time
    public Sample sample(long seed, int paths) {
        var random = new SplittableRandom(seed);
        double drift = (rate - volatility * volatility / 2) * years;
        double spread = volatility * Math.sqrt(years);
        double discount = Math.exp(-rate * years);
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < paths; i++) {
            double end = price * Math.exp(drift + spread * random.nextGaussian());
            double worth = discount * Math.max(0, end - strike);
            sum += worth;
            squares += worth * worth;
        }
        return new Sample(paths, sum, squares);
    }
}
