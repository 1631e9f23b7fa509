namespace Llama2.Tensors;

/// <summary>Consecutive rows to which one adapter applies.</summary>
/// <param name="Start">The first row.</param>
/// <param name="End">The last row's index plus one.</param>
/// <param name="Scale">The strength of the adapter for these rows.</param>
internal readonly record struct AdaptedRun(int Start, int End, float Scale);
