using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Harness.Definitions;

/// <summary>A metric that task files can name.</summary>
/// <param name="Aggregation">Its aggregation if the file names none.</param>
/// <param name="HigherIsBetter">Whether a greater value is better, if the file does not state it.</param>
/// <param name="Compute">Computes the example's contribution.</param>
/// <param name="IsDegree">Whether the value is a degree, such as a similarity, which does not show whether an answer is right.</param>
internal sealed record MetricDefinition(
    MetricAggregation Aggregation, bool HigherIsBetter, Func<DocumentOutcome, MetricSample?> Compute, bool IsDegree = false);
