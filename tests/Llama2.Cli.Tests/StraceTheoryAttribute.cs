namespace Llama2.Cli.Tests;

/// <summary>As <see cref="StraceFactAttribute"/>, with data.</summary>
public sealed class StraceTheoryAttribute : TheoryAttribute
{
    public StraceTheoryAttribute() => Skip = StraceFactAttribute.Reason;
}
