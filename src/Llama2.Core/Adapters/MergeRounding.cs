namespace Llama2;

/// <summary>How the weights of a merged model are rounded to the points that a quantized format can represent.</summary>
public enum MergeRounding
{
    /// <summary>
    /// Weights are rounded to the nearest point, and then a few are moved to the next one, so that the model responds to the adapters' inputs as with
    /// the exact weights. It is used for matrices that are already quantized in the model, where rounding to the nearest point alone takes back most
    /// of the adapters' change; the others are rounded to the nearest point.
    /// </summary>
    ForAdapters,

    /// <summary>Every weight is rounded to the nearest point, as <see cref="ModelQuantizer"/> does.</summary>
    Nearest,
}
