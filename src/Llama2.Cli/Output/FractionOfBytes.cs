namespace Llama2.Cli.Output;

/// <summary>Converts the library's progress, in bytes, to fractions.</summary>
internal sealed class FractionOfBytes(IProgress<double> fractions) : IProgress<ByteProgress>
{
    public void Report(ByteProgress value) => fractions.Report(value.Fraction);
}
