namespace Llama2.Evaluation.Benchmarks.Knowledge;

/// <summary>A subject of MMLU.</summary>
/// <param name="Name">The name in file names, such as <c>high_school_physics</c>.</param>
/// <param name="Category">The category.</param>
internal sealed record MmluSubject(string Name, string Category)
{
    /// <summary>The name in prompts: with spaces.</summary>
    public string Title => Name.Replace('_', ' ');
}
