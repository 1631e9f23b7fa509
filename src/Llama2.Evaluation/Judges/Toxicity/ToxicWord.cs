namespace Llama2.Evaluation.Judges.Toxicity;

/// <summary>An entry of the lexicon.</summary>
internal readonly record struct ToxicWord(ToxicityCategory Category, double Weight);
