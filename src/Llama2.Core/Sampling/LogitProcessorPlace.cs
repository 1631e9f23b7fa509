namespace Llama2;

/// <summary>Where a logit processor stands among the built-in steps, whose order <see cref="GenerationOptions"/> tells.</summary>
public enum LogitProcessorPlace
{
    /// <summary>
    /// After bias and penalties, before the filters: the candidates are the whole vocabulary, in the order of the ids. It also decides where the
    /// temperature is 0, which takes the highest logit after this place.
    /// </summary>
    BeforeFilters,

    /// <summary>After filters and temperature, right before the draw: the candidates are those that are left. Left out where the temperature is 0.</summary>
    BeforeDraw,
}
