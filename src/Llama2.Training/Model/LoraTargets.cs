namespace Llama2.Training;

/// <summary>The linear layers of each transformer block to which adapters are added.</summary>
[Flags]
public enum LoraTargets
{
    /// <summary>None: no adapter.</summary>
    None = 0,

    /// <summary>The attention's queries (<c>q_proj</c>).</summary>
    Query = 1,

    /// <summary>The attention's keys (<c>k_proj</c>).</summary>
    Key = 2,

    /// <summary>The attention's values (<c>v_proj</c>).</summary>
    Value = 4,

    /// <summary>The attention's output (<c>o_proj</c>).</summary>
    AttentionOutput = 8,

    /// <summary>The feed-forward network's gate (<c>gate_proj</c>).</summary>
    Gate = 16,

    /// <summary>The feed-forward network's up projection (<c>up_proj</c>).</summary>
    Up = 32,

    /// <summary>The feed-forward network's down projection (<c>down_proj</c>).</summary>
    Down = 64,

    /// <summary>Queries and values, as in the LoRA paper.</summary>
    QueryAndValue = Query | Value,

    /// <summary>All seven layers, which the QLoRA paper found to be best.</summary>
    All = Query | Key | Value | AttentionOutput | Gate | Up | Down,
}
