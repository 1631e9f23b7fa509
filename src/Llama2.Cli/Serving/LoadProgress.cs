namespace Llama2.Cli.Serving;

/// <summary>The progress of several models that are loaded one after the other, as one fraction. Thread-safe.</summary>
/// <param name="count">The number of models.</param>
internal sealed class LoadProgress(int count)
{
    private readonly double[] _fractions = new double[count];
    private volatile IProgress<double>? _bar;

    /// <summary>The progress of one model.</summary>
    /// <param name="index">The model's number, from 0.</param>
    public IProgress<ByteProgress> Of(int index) => new Part(this, index);

    /// <summary>Shows the progress from now on. Loading may have begun before.</summary>
    /// <param name="bar">Receives fractions from 0 to 1; null if nothing is shown.</param>
    public void ShowOn(IProgress<double>? bar) => _bar = bar;

    private void Report(int index, double fraction)
    {
        Volatile.Write(ref _fractions[index], fraction);
        _bar?.Report(_fractions.Sum() / count);
    }

    private sealed class Part(LoadProgress progress, int index) : IProgress<ByteProgress>
    {
        public void Report(ByteProgress value) => progress.Report(index, value.Fraction);
    }
}
