namespace Llama2.Cli.Output;

/// <summary>Converts the library's progress, in bytes, to fractions.</summary>
internal sealed class ByteProgress(IProgress<double> fractions) : IProgress<LoadProgress>
{
    public void Report(LoadProgress value) => fractions.Report(value.Fraction);
}
