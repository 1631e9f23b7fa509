namespace Llama2.Cli.Output;

/// <summary>Converts the library's progress, which is counted in bytes, to fractions from 0 to 1.</summary>
internal sealed class FractionOfBytes(IProgress<double> fractions) : IProgress<ByteProgress>
{
    public void Report(ByteProgress value) => fractions.Report(value.Fraction);
}
