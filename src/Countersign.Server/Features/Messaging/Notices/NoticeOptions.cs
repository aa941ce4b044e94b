using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Notices;

/// <summary>How often clients are told of what happens again and again.</summary>
internal sealed class NoticeOptions
{
    public const string Section = "Notices";

    /// <summary>
    /// How long, after a notice that is gathered, further ones of its kind are only counted. Shorter than rations are kept.
    /// </summary>
    [Range(typeof(TimeSpan), "00:10:00", "7.00:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromDays(1);
}

/// <summary>Checks <see cref="NoticeOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class NoticeOptionsValidator : IValidateOptions<NoticeOptions>;
