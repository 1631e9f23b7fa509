namespace Llama2.Cli.Output;

/// <summary>Turns the library's progress, in bytes, into fractions.</summary>
internal sealed class FractionOfBytes(IProgress<double> fractions) : IProgress<ByteProgress>
{
    public void Report(ByteProgress value) => fractions.Report(value.Fraction);
}
