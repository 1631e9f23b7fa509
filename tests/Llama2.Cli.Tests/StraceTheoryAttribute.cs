namespace Llama2.Cli.Tests;

/// <summary>The same as <see cref="StraceFactAttribute"/>, for theories.</summary>
public sealed class StraceTheoryAttribute : TheoryAttribute
{
    public StraceTheoryAttribute() => Skip = StraceFactAttribute.Reason;
}
