namespace Llama2.Training.Model;

/// <summary>The shape of the adapter of one matrix.</summary>
/// <param name="Rank">The number of rows of A and of columns of B.</param>
/// <param name="Alpha">Alpha, which gives the scale together with the rank.</param>
/// <param name="Scale">The factor by which B · A is multiplied.</param>
internal readonly record struct LoraShape(int Rank, float Alpha, float Scale);
