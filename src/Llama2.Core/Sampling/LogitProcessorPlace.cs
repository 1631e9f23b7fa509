namespace Llama2;

/// <summary>The place of a logit processor among the built-in steps, whose order is documented at <see cref="GenerationOptions"/>.</summary>
public enum LogitProcessorPlace
{
    /// <summary>
    /// After bias and penalties, before the filters: the candidates are the whole vocabulary, in the order of the ids. The step also runs if the
    /// temperature is 0. In this case, the token with the highest logit is taken after the step.
    /// </summary>
    BeforeFilters,

    /// <summary>
    /// After filters and temperature, right before the draw: the step sees only the remaining candidates. The step is skipped if the temperature is
    /// 0.
    /// </summary>
    BeforeDraw,
}
