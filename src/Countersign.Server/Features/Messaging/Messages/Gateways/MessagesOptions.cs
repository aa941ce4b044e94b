using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Messages.Gateways;

/// <summary>How messages leave.</summary>
internal sealed class MessagesOptions
{
    public const string Section = "Messages";

    /// <summary>Codes that one node sends at the same time on each channel.</summary>
    [Range(1, 64)]
    public int Parallel { get; set; } = 8;

    /// <summary>The same of notices and all other messages, which take none of the places of codes.</summary>
    [Range(1, 64)]
    public int ParallelNotices { get; set; } = 4;

    /// <summary>How long a gateway that promises receipts may owe one before the next gateway is tried.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "00:10:00")]
    public TimeSpan ReceiptTimeout { get; set; } = TimeSpan.FromSeconds(90);

    public int Places(MessageClass kind) => kind == MessageClass.Code ? Parallel : ParallelNotices;

    /// <summary>In order of preference.</summary>
    public IList<GatewayOptions> Gateways { get; } = [];
}

/// <summary>Checks the plain values of <see cref="MessagesOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class MessagesOptionsValidator : IValidateOptions<MessagesOptions>;

/// <summary>What a gateway speaks.</summary>
internal enum GatewayKind
{
    None,
    Kannel,
    Twilio,
    Webhook,
    Smtp,
}

/// <summary>How an SMTP connection is secured.</summary>
internal enum SmtpTls
{
    StartTls,
    Implicit,
    None,
}

/// <summary>One configured gateway. Which settings it needs depends on its kind.</summary>
internal sealed class GatewayOptions
{
    public GatewayKind Kind { get; set; }

    /// <summary>Stands in rows, logs and the addresses of receipts; never changes.</summary>
    public string Id { get; set; } = string.Empty;

    /// <summary>Where it is called.</summary>
    public string Url { get; set; } = string.Empty;

    public string User { get; set; } = string.Empty;

    public string Password { get; set; } = string.Empty;

    /// <summary>What signs requests and receipts of a webhook.</summary>
    public string Secret { get; set; } = string.Empty;

    /// <summary>Number, name or address that messages come from.</summary>
    public string Sender { get; set; } = string.Empty;

    /// <summary>What it carries; empty: what its kind carries by itself.</summary>
    public IList<MessageChannel> Channels { get; } = [];

    /// <summary>Lifts https, port 443 and public addresses: for a gateway in the operator's own network.</summary>
    public bool AllowPrivateAddress { get; set; }

    /// <summary>How long one call may take.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether a receipt follows each message; unset: what its kind does.</summary>
    public bool? Receipts { get; set; }

    /// <summary>Where the gateway reaches us, if not at <c>Site:PublicUrl</c>.</summary>
    public string ReceiptsUrl { get; set; } = string.Empty;

    public string Host { get; set; } = string.Empty;

    public int Port { get; set; } = 587;

    public SmtpTls Tls { get; set; }

    public IReadOnlyList<MessageChannel> Carries =>
        Channels.Count > 0 ? [.. Channels.Distinct()] : [Kind == GatewayKind.Smtp ? MessageChannel.Email : MessageChannel.Sms];
}
